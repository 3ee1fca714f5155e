export const helper = (n: number) => n +;
