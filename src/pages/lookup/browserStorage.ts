type Kind = 'localStorage' | 'sessionStorage';
export type SmallStorage = Pick<Storage, 'getItem' | 'setItem'>;

const inMemory = new Map<string, string>();

/**
 * The browser's storage. If the browser refuses it (blocked cookies, a private window, a sandboxed frame) or it is full, values are kept in
 * memory until the page is reloaded.
 */
export function browserStorage(kind: Kind): SmallStorage {
  return {
    getItem: (key) => {
      try {
        return inMemory.get(key) ?? window[kind].getItem(key);
      } catch {
        return inMemory.get(key) ?? null;
      }
    },
    setItem: (key, value) => {
      inMemory.delete(key);
      try {
        window[kind].setItem(key, value);
      } catch {
        inMemory.set(key, value);
      }
    },
  };
}
