// Shows a message: scrolls to it, keeps it in view while the page is being drawn, and marks it for a moment.
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown", "click"];
const AT_MOST = 30_000;

export default function ({ data }) {
  const page = document.querySelector('[data-testid="stMain"]');
  if (!page || !data || !data.message || window.orchatShown === data.visit) return;
  window.orchatShown = data.visit;
  window.orchatShowing?.abort();
  const showing = (window.orchatShowing = new AbortController());
  const wanted = `[class*="st-key-edit-${data.message}"], [class*="st-key-retry-${data.message}"]`;
  const outline = (colour) => ({ outline: `2px solid ${colour}`, outlineOffset: "6px" });
  let marked = null;
  let mark = null;

  const show = () => {
    // Found anew each time: while the page is drawn, the element that showed it may become another message's.
    const found = showing.signal.aborted ? null : document.querySelector(wanted)?.closest('[data-testid="stChatMessage"]');
    if (!found) return;
    if (page.orchatFollow) page.orchatFollow.following = false;
    found.scrollIntoView({ block: "center" });
    if (found === marked) return;
    mark?.cancel();
    marked = found;
    const colours = [outline("var(--st-primary-color)"), outline("transparent")];
    mark = found.animate(colours, { duration: 4000, easing: "ease-in" });
  };
  // What is drawn above it comes in parts, after seconds where the server is busy: only a reader's hand ends it before.
  const growth = new ResizeObserver(show);
  growth.observe(page.querySelector('[data-testid="stMainBlockContainer"]') ?? page.firstElementChild);
  // The page goes to its end with each chat that is opened, which changes no size.
  for (const later of [0, 150, 400, 800]) setTimeout(show, later);
  showing.signal.addEventListener("abort", () => growth.disconnect());
  for (const hand of HANDS) {
    window.addEventListener(hand, () => showing.abort(), { once: true, passive: true, capture: true, signal: showing.signal });
  }
  setTimeout(() => showing.abort(), AT_MOST);
}
