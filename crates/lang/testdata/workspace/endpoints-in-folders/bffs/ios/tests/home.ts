this is not even TypeScript
