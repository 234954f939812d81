/** Loaded into a service: each SIGUSR2 sets its wall clock back by two minutes, as NTP or a resumed machine may do. */
const STEP_MS = 120_000;
const realNow = Date.now.bind(Date);
let offset = 0;

process.on('SIGUSR2', () => (offset -= STEP_MS));

globalThis.Date = class extends Date {
  constructor(...args: unknown[]) {
    if (args.length === 0) super(realNow() + offset);
    else super(...(args as [number]));
  }

  static override now(): number {
    return realNow() + offset;
  }
} as DateConstructor;
