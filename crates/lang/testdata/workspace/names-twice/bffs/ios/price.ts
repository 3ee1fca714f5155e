export const price = 1;
const other = 2;
export { other as price };
