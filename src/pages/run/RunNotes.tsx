import { Alert } from '@grafana/ui';

/** Why something is missing on this page, as the exporter tells it. */
export function RunNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <Alert severity="info" title="This run is not complete here">
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
