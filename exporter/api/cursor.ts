import { z } from 'zod';

/** Opaque to clients: the sort key of the last item of a page. */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Schema of a `cursor` parameter whose position consists of these parts. */
export function cursorOf<Parts extends z.ZodTuple>(parts: Parts): z.ZodType<z.output<Parts>, string> {
  return z
    .string()
    .max(2_000)
    .transform((text, context) => {
      const position = parts.safeParse(decode(text));
      if (position.success) return position.data;
      context.addIssue({ code: 'custom', message: 'is not a next_cursor of this list' });
      return z.NEVER;
    }) as unknown as z.ZodType<z.output<Parts>, string>;
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
