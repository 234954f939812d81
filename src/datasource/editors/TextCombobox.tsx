import { Combobox, type ComboboxOption } from '@grafana/ui';

interface Props {
  id: string;
  width: number;
  placeholder: string;
  value: string | undefined;
  suggest: (input: string) => Promise<ComboboxOption[]>;
  onChange: (value: string | undefined) => void;
}

/** A field with suggestions that accepts any text, including template variables. If empty, it does not restrict the query. */
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
