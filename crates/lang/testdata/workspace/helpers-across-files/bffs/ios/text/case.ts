const upper = (text: string) => text.toUpperCase();

export { upper };
