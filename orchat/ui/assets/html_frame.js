// A frame of opaque origin in a frame of opaque origin. What runs in the inner one has no cookies, no storage and no way
// to orchat's page; the policy in it keeps it from loading or sending anything. What a policy does not forbid a page is to
// leave for another address, with what it knows in it: that only the frame around it can forbid, by its `frame-src`.
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; " +
  "media-src data: blob:; frame-src 'none'; form-action 'none'; base-uri 'none'";
const HEAD = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
// Takes away what no policy covers, and says how tall the page is.
const BEGINNING =
  "<script>delete window.RTCPeerConnection; delete window.webkitRTCPeerConnection;" +
  "new ResizeObserver(() => parent.postMessage({ height: document.documentElement.offsetHeight }, '*'))" +
  ".observe(document.documentElement)</script>";
const AROUND =
  "<style>html, body { margin: 0; height: 100% } iframe { border: 0; display: block; width: 100%; height: 100% }</style>" +
  "<script>addEventListener('message', ({ source, data }) => source === document.querySelector('iframe').contentWindow" +
  " && parent.postMessage({ height: Number(data?.height) }, '*'))</script>";
// Whatever a page says of its height, it is only a number between these two.
const [LOWEST, HIGHEST] = [60, 720];

const inAttribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

function around(html) {
  const inner = inAttribute(HEAD + BEGINNING + html);
  return `${HEAD}${AROUND}<iframe sandbox="allow-scripts" referrerpolicy="no-referrer" srcdoc="${inner}"></iframe>`;
}

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
    if (data.address) {
      // Where a policy holds for orchat's pages, a frame without an address would inherit it and run nothing.
      frame.onload = () => frame.contentWindow.postMessage({ html: around(data.html) }, "*");
      frame.src = data.address;
    } else {
      frame.srcdoc = around(data.html);
    }
  }
  return () => window.removeEventListener("message", grow);
}
