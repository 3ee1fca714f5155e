export const load = () => ({ a: 1 });
