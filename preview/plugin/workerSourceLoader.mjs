import { build } from 'esbuild';

/**
 * `import source from './x.worker.ts?worker-source'`: the worker, bundled, as text. A worker made from text needs no file of
 * its own, which a nested plugin could not be sure to be served.
 */
export default function workerSourceLoader() {
  const done = this.async();
  bundle(this.resourcePath).then(
    ({ outputFiles, metafile }) => {
      for (const path of Object.keys(metafile.inputs)) this.addDependency(path);
      done(null, `export default ${JSON.stringify(outputFiles[0].text)};`);
    },
    (error) => done(error),
  );
}

function bundle(path) {
  return build({
    entryPoints: [path],
    absWorkingDir: '/',
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    format: 'iife',
    target: 'es2021',
  });
}
