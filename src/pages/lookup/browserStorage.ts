import { config } from '@grafana/runtime';

type Kind = 'localStorage' | 'sessionStorage';
export type SmallStorage = Pick<Storage, 'getItem' | 'setItem'>;

const inMemory = new Map<string, string>();

/**
 * The browser's storage. If the browser refuses it (blocked cookies, a private window, a sandboxed frame) or it is full, values are kept in
 * memory until the page is reloaded. Each owner has values of their own.
 */
export function browserStorage(kind: Kind, owner: string): SmallStorage {
  return {
    getItem: (key) => {
      const own = `${key}.${owner}`;
      try {
        return inMemory.get(own) ?? window[kind].getItem(own);
      } catch {
        return inMemory.get(own) ?? null;
      }
    },
    setItem: (key, value) => {
      const own = `${key}.${owner}`;
      inMemory.delete(own);
      try {
        window[kind].setItem(own, value);
      } catch {
        inMemory.set(own, value);
      }
    },
  };
}

/** The user in their organisation. People who share a browser don't see for whom the others have looked. */
export function present(): string {
  const { orgId, id } = config.bootData.user;
  return `${orgId}.${id}`;
}
