/** Scripts that run in the page; text, because this project knows no DOM. */

/** Notes in `paintedMs` how long after the answer's last byte the first frame was drawn that holds `selector`. */
export function watchFor(selector: string): string {
  return `(() => {
    const isAnswer = (entry) => /\\/api\\/v1\\/(runs\\/|lookup)/.test(entry.name);
    const look = () => {
      const answer = performance.getEntriesByType('resource').filter(isAnswer).at(-1);
      if (!answer || !document.querySelector(${JSON.stringify(selector)})) return requestAnimationFrame(look);
      // These callbacks run just before a frame is drawn, with what the page holds by then; a task after it finds it drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (window.paintedMs = performance.now() - answer.responseEnd);
      port2.postMessage(null);
    };
    requestAnimationFrame(look);
  })()`;
}

/** Resolves to the frames a second over two seconds. */
export const COUNT_FRAMES = `new Promise((resolve) => {
  const start = performance.now();
  let frames = 0;
  const tick = () => {
    frames++;
    const elapsed = performance.now() - start;
    if (elapsed < 2000) requestAnimationFrame(tick);
    else resolve((frames * 1000) / elapsed);
  };
  requestAnimationFrame(tick);
})`;
