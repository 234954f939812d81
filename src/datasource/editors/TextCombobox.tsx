import { Combobox, type ComboboxOption } from '@grafana/ui';

interface Props {
  id: string;
  width: number;
  placeholder: string;
  value: string | undefined;
  suggest: (input: string) => Promise<ComboboxOption[]>;
  onChange: (value: string | undefined) => void;
}

/** A field with suggestions that takes any text, a template variable too; emptied, it asks for nothing in particular. */
export function TextCombobox({ value, suggest, onChange, ...props }: Props) {
  return (
    <Combobox
      {...props}
      isClearable
      createCustomValue
      options={suggest}
      value={value ? { value, label: value } : null}
      onChange={(option) => onChange(option?.value)}
    />
  );
}
