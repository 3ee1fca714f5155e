export default function load() {
  return { a: 1 };
}
