/** A module bundled for a worker, as text: nested panels can't ask for further files, so the worker travels inside them. */
declare module '*?worker-source' {
  const source: string | undefined;
  export default source;
}

/** A library's style sheet, as text. */
declare module '*.css?inline' {
  const css: string;
  export default css;
}
