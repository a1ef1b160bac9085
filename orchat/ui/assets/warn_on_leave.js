// The browser asks before it lets go of what is kept nowhere else.
export default function () {
  const warn = (event) => event.preventDefault();
  window.addEventListener("beforeunload", warn);
  return () => window.removeEventListener("beforeunload", warn);
}
