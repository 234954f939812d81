/** The loader's record of the module being defined; `uri` is where it was loaded from. */
declare module 'amd-module' {
  const amdModule: { uri?: string } | undefined;
  export default amdModule;
}
declare let __webpack_public_path__: string;
