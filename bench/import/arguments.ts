/**
 * The arguments of trace events: labels and numbers, as QEMU's format strings put them.
 *
 * @module
 */

/** An event whose arguments are not all there, because its line was cut off. */
export class CutOffError extends Error {}

const NUMBER = /^[ =]*(-?(?:0x[0-9a-f]+|\d+))/i;

/**
 * The number behind a label, a u64 as `core/vfio` holds it. Decimal, or with 0x as 8.1 wrote sizes.
 *
 * @throws {CutOffError} where there is none
 */
export function numberAfter(args: string, label: string): number {
  const at = args.indexOf(label);
  const text = at < 0 ? undefined : NUMBER.exec(args.slice(at + label.length))?.[1];
  if (text === undefined) throw new CutOffError(`no number behind "${label}"`);
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : Number(BigInt.asIntN(64, BigInt(text)));
}

/** The same, or undefined where the label is not there: an older QEMU's event. */
export function numberAfterIfAny(args: string, label: string): number | undefined {
  return args.includes(label) ? numberAfter(args, label) : undefined;
}

/** The word behind a label. @throws {CutOffError} where there is none */
export function wordAfter(args: string, label: string): string {
  const at = args.indexOf(label);
  const word = at < 0 ? undefined : /^[ =]*([^\s,]+)/.exec(args.slice(at + label.length))?.[1];
  if (word === undefined) throw new CutOffError(`no word behind "${label}"`);
  return word;
}

/** The device in parentheses with which VFIO's events begin. @throws {CutOffError} where there is none */
export function deviceOf(args: string): string {
  const name = /^\s*\(([^)]*)\)/.exec(args)?.[1];
  if (name === undefined) throw new CutOffError("no device");
  return name;
}
