/** Scripts that run in the page. They are texts, because this TypeScript project has no DOM types. */

/** Stores in `paintedMs` how long after the last byte of the response the first frame with `selector` was drawn. */
export function watchFor(selector: string): string {
  return `(() => {
    const isAnswer = (entry) => /\\/api\\/v1\\/(runs\\/|lookup)/.test(entry.name);
    const look = () => {
      const answer = performance.getEntriesByType('resource').filter(isAnswer).at(-1);
      if (!answer || !document.querySelector(${JSON.stringify(selector)})) return requestAnimationFrame(look);
      // This callback runs just before a frame with the present contents is drawn. A task after it runs when the frame is drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (window.paintedMs = performance.now() - answer.responseEnd);
      port2.postMessage(null);
    };
    requestAnimationFrame(look);
  })()`;
}

/**
 * A fixed reference work of the kind that pages do: creating and laying out elements, sorting numbers, painting rectangles. It measures how
 * fast the machine is at this moment, so that slow code can be distinguished from a busy machine. Resolves to milliseconds.
 */
export const FIXED_WORK = `(() => {
  const start = performance.now();
  const list = document.createElement('div');
  for (let at = 0; at < 3000; at++) {
    const item = document.createElement('span');
    item.textContent = 'task ' + at;
    list.append(item, ' ');
  }
  document.body.append(list);
  list.getBoundingClientRect();
  list.remove();
  let state = 1;
  const numbers = Array.from({ length: 100000 }, () => (state = (state * 16807) % 2147483647));
  numbers.sort((a, b) => a - b);
  const canvas = document.createElement('canvas');
  canvas.width = 1200;
  canvas.height = 400;
  const context = canvas.getContext('2d');
  for (let at = 0; at < 5000; at++) {
    context.fillStyle = 'rgb(' + (at % 256) + ', 90, 120)';
    context.fillRect(numbers[at] % 1200, at % 400, 40, 6);
  }
  context.getImageData(0, 0, 1, 1);
  return performance.now() - start;
})()`;

/** Resolves to the number of paints per second, over two seconds, that changed the picture in the first canvas of a panel. */
export const COUNT_PAINTS = `new Promise((resolve) => {
  const canvas = document.querySelector('section canvas');
  const small = document.createElement('canvas');
  [small.width, small.height] = [96, 48];
  const context = small.getContext('2d', { willReadFrequently: true });
  const picture = () => {
    context.clearRect(0, 0, 96, 48);
    context.drawImage(canvas, 0, 0, 96, 48);
    const { data } = context.getImageData(0, 0, 96, 48);
    let sum = 0;
    for (let at = 0; at < data.length; at++) sum = (Math.imul(sum, 31) + data[at]) | 0;
    return sum;
  };
  const start = performance.now();
  let [paints, last] = [0, picture()];
  const look = () => {
    const now = picture();
    if (now !== last) paints++;
    last = now;
    const elapsed = performance.now() - start;
    if (elapsed < 2000) requestAnimationFrame(look);
    else resolve((paints * 1000) / elapsed);
  };
  requestAnimationFrame(look);
})`;

/** Resolves to the number of frames per second that this page can draw when nothing happens. */
export const COUNT_FRAMES = `new Promise((resolve) => {
  const start = performance.now();
  let frames = 0;
  const tick = () => {
    frames++;
    const elapsed = performance.now() - start;
    if (elapsed < 1000) requestAnimationFrame(tick);
    else resolve((frames * 1000) / elapsed);
  };
  requestAnimationFrame(tick);
})`;
