export type Timestamp = string;

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** RFC 9457 problem; `errors` names each invalid parameter. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { parameter: string; message: string }[];
}
