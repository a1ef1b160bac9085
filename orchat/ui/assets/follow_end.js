// Streamlit's own following pulls a reader who scrolls up back to the end; this one lets go.
const NEAR = 8;

export default function ({ data }) {
  const page = document.querySelector('[data-testid="stMain"]');
  if (!page) return;
  const state = (page.orchatFollow ??= { following: true, top: page.scrollTop, height: page.scrollHeight, turn: null });
  const toEnd = () => { page.scrollTop = page.scrollHeight; state.top = page.scrollTop; state.height = page.scrollHeight; };

  if (state.turn !== data.turn) {
    state.turn = data.turn;
    state.following = true;
  }
  const onScroll = () => {
    const atEnd = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR;
    if (atEnd) state.following = true;
    // A page that gets shorter moves up by itself; only a reader moves up one that does not.
    else if (page.scrollTop < state.top - 1 && page.scrollHeight >= state.height) state.following = false;
    state.top = page.scrollTop;
    state.height = page.scrollHeight;
  };
  const onWheel = (event) => { if (event.deltaY < 0) state.following = false; };
  const growth = new ResizeObserver(() => { if (state.following) toEnd(); });

  page.addEventListener("scroll", onScroll, { passive: true });
  page.addEventListener("wheel", onWheel, { passive: true });
  const content = page.querySelector('[data-testid="stMainBlockContainer"]') ?? page.firstElementChild;
  if (content) growth.observe(content);
  if (state.following) toEnd();

  return () => {
    growth.disconnect();
    page.removeEventListener("scroll", onScroll);
    page.removeEventListener("wheel", onWheel);
  };
}
