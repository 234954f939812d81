import { useEffect, useState } from 'react';
import { loadPlugin } from './loader.ts';

/** A plugin, when its module has loaded. Throws loading errors for the error boundary of the page. */
export function usePlugin<Plugin>(id: string, prepare: (plugin: Plugin) => void): Plugin | null {
  const [state, setState] = useState<{ id: string; plugin?: Plugin; error?: unknown }>({ id });
  useEffect(() => {
    let current = true;
    loadPlugin<Plugin>(id).then(
      (plugin) => {
        prepare(plugin);
        if (current) setState({ id, plugin });
      },
      (error: unknown) => current && setState({ id, error }),
    );
    return () => {
      current = false;
    };
  }, [id, prepare]);
  if (state.id !== id) return null;
  if (state.error) throw state.error;
  return state.plugin ?? null;
}
