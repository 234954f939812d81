import { formattedValueToString, type DataFrame, type Field } from '@grafana/data';

const SHOWN_ROWS = 30;

/** Text beyond a cell's width is cut, as in Grafana. */
const CELL = { padding: '0 6px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;
/** The least width of a column without one of its own. */
const LEAST = 150;

/** Rows of a frame with their links, in place of Grafana's table panel, which is in no package. Its columns have the same widths. */
export function TableRows({ frame, height }: { frame: DataFrame; height: number }) {
  const fields = frame.fields.filter((field) => !field.config.custom?.hidden && !field.config.custom?.hideFrom?.viz);
  const widthOf = ({ config }: Field): number | undefined => config.custom?.width as number | undefined;
  const least = fields.reduce((sum, field) => sum + (widthOf(field) ?? LEAST), 0);
  return (
    <div style={{ overflow: 'auto', height }} role="region" aria-label="Rows" tabIndex={0}>
      <table style={{ width: '100%', minWidth: least, tableLayout: 'fixed' }}>
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field.name} style={{ ...CELL, textAlign: 'left', width: widthOf(field) }}>
                {String(field.state?.displayName ?? field.name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(frame.length, SHOWN_ROWS) }, (_, row) => (
            <tr key={row}>
              {fields.map((field) => (
                <Cell key={field.name} field={field} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Grafana shows a menu if a cell has several links; this shows the first one. */
function Cell({ field, row }: { field: Field; row: number }) {
  const shown = field.display!(field.values[row]);
  const isColoured = field.config.custom?.cellOptions?.type === 'color-background';
  const [link] = field.getLinks?.({ valueRowIndex: row }) ?? [];
  const text = formattedValueToString(shown);
  return (
    <td style={{ ...CELL, background: isColoured ? shown.color : undefined }}>
      {link ? (
        <a href={link.href} title={link.title}>
          {text}
        </a>
      ) : (
        text
      )}
    </td>
  );
}
