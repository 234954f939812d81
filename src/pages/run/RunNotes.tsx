import { Alert } from '@grafana/ui';

/** The exporter's notes on data that is missing on this page. */
export function RunNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <Alert severity="info" title="Some data of this run is missing">
      {notes.length === 1 ? (
        notes[0]
      ) : (
        <ul style={{ paddingLeft: 16 }}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </Alert>
  );
}
