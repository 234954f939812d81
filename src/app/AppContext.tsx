import { createContext, useContext } from 'react';
import type { ExporterApi } from '../data/exporterApi.ts';
import type { AppSettings } from './settings.ts';

export interface AppContextValue {
  settings: Required<AppSettings>;
  api: ExporterApi;
  /** uid of the data source behind `api`. */
  runsUid: string;
}

export const AppContext = createContext<AppContextValue | null>(null);

/** The context that every page needs. Only available below `App`. */
export function useApp(): AppContextValue {
  const value = useContext(AppContext);
  if (!value) throw new Error('useApp outside of App');
  return value;
}
