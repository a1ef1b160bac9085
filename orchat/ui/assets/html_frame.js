// A frame of opaque origin: what runs in it has no cookies, no storage and no way to orchat's page. The policy inside
// keeps it from loading or sending anything, so that what it shows stays between it and the reader.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; " +
  "media-src data: blob:; form-action 'none'; base-uri 'none'";
// Says how tall the page is. Whatever else it says, it is only a number between these two.
const TELL_HEIGHT =
  "<script>new ResizeObserver(() => parent.postMessage({ height: document.documentElement.offsetHeight }, '*'))" +
  ".observe(document.documentElement)</script>";
const [LOWEST, HIGHEST] = [60, 720];

export default function (component) {
  const { data, parentElement } = component;
  let frame = parentElement.querySelector("iframe");
  if (!frame) {
    frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = "A page that a tool made";
    frame.style.cssText = "width:100%;height:420px;border:1px solid rgba(128,128,128,.35);border-radius:8px;background:#fff";
    parentElement.appendChild(frame);
  }
  const grow = (event) => {
    const height = Number(event.data?.height);
    if (event.source === frame.contentWindow && height > 0) {
      frame.style.height = `${Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(height) + 2))}px`;
    }
  };
  window.addEventListener("message", grow);
  if (frame.dataset.shown !== data.html) {
    frame.dataset.shown = data.html;
    const head = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">${TELL_HEIGHT}`;
    const html = `<!doctype html>${head}${data.html}`;
    if (data.address) {
      // Where a policy holds for orchat's pages, a frame without an address would inherit it and run nothing.
      frame.onload = () => frame.contentWindow.postMessage({ html }, "*");
      frame.src = data.address;
    } else {
      frame.srcdoc = html;
    }
  }
  return () => window.removeEventListener("message", grow);
}
