// Shows a message: scrolls to it once it is there, and marks it for a moment.
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

export default function ({ data }) {
  if (!data || !data.message || window.orchatShown === data.visit) return;
  const wanted = `[class*="st-key-edit-${data.message}"], [class*="st-key-retry-${data.message}"]`;
  const message = () => document.querySelector(wanted)?.closest('[data-testid="stChatMessage"]');
  let tries = 0;
  const look = () => {
    const found = message();
    if (!found) {
      if (++tries < 60) setTimeout(look, 100);
      return;
    }
    window.orchatShown = data.visit;
    // After the page has gone to its end, as it does with each chat that is opened.
    const page = document.querySelector('[data-testid="stMain"]');
    let goneOn = false;
    for (const hand of HANDS) {
      window.addEventListener(hand, () => { goneOn = true; }, { once: true, passive: true, capture: true });
    }
    const show = () => {
      // Who has gone on meanwhile stays there: the place of the message on the page may be another one's by now.
      if (goneOn || message() !== found) return;
      if (page?.orchatFollow) page.orchatFollow.following = false;
      found.scrollIntoView({ block: "center" });
    };
    show();
    for (const later of [150, 400, 800]) setTimeout(show, later);
    const mark = (colour) => ({ outline: `2px solid ${colour}`, outlineOffset: "6px" });
    found.animate([mark("var(--st-primary-color)"), mark("transparent")], { duration: 4000, easing: "ease-in" });
  };
  look();
}
