/** Calls `act` once nothing has been noted for a while. */
export class AtRest {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly restMs: number,
    private readonly act: () => void,
  ) {}

  readonly note = (): void => {
    this.cancel();
    this.timer = setTimeout(this.act, this.restMs).unref();
  };

  cancel(): void {
    clearTimeout(this.timer);
  }
}
