import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { LoaderContext } from 'webpack';

/**
 * Loader for `?worker-source`: bundles a worker into one text. A nested panel's further files would be looked for where
 * they are not, so the worker travels inside the module.
 */
export default async function workerSource(this: LoaderContext<object>, source: string): Promise<void> {
  const done = this.async();
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [this.resourcePath],
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2021',
      write: false,
      metafile: true,
      legalComments: 'none',
    });
    for (const input of Object.keys(metafile.inputs)) this.addDependency(resolve(input));
    done(null, `export default ${JSON.stringify(outputFiles[0]!.text)};`, mapOf(this.resourcePath, source));
  } catch (error) {
    done(error as Error);
  }
}

/** The text has no lines to map; the map says which source it was made from. */
function mapOf(path: string, source: string) {
  return { version: 3, file: path, sources: [path], sourcesContent: [source], names: [], mappings: 'AAAA' };
}
