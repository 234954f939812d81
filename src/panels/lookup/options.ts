/** Options of the lookup panel. */
export interface LookupPanelOptions {
  /** Dashboard variable that the field reads and sets, without `$`. */
  variable: string;
  /** Label of the field. */
  label: string;
  showField: boolean;
  showStandsAt: boolean;
  /** Rows per page of the table. */
  pageSize: number;
}

export const DEFAULT_LOOKUP_OPTIONS: LookupPanelOptions = {
  variable: 'value',
  label: 'Id',
  showField: true,
  showStandsAt: true,
  pageSize: 20,
};
