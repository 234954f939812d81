import { Button, ClipboardButton, Modal } from '@grafana/ui';
import { useState } from 'react';

/** A button that shows the run's conf. */
export function ConfButton({ conf }: { conf: unknown }) {
  const [open, setOpen] = useState(false);
  const text = JSON.stringify(conf ?? null, null, 2);
  return (
    <>
      <Button size="sm" variant="secondary" icon="brackets-curly" onClick={() => setOpen(true)}>
        Conf
      </Button>
      <Modal title="conf of this run" isOpen={open} onDismiss={() => setOpen(false)}>
        <pre tabIndex={0}>{text}</pre>
        <Modal.ButtonRow>
          <ClipboardButton variant="secondary" icon="copy" getText={() => text}>
            Copy
          </ClipboardButton>
        </Modal.ButtonRow>
      </Modal>
    </>
  );
}
