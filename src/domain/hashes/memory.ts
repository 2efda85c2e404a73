/** How much memory a hash may ask for: as many threads as cores may want it at once. */

export const mebibyte = 1024 * 1024;
export const mostMemory = 256 * mebibyte;
/** Bytes that may be written in all: memory times passes times lanes. */
export const mostWritten = 1024 * mebibyte;

/** Why a hash that fills so many bytes so many times is not verified. */
export function memoryFault(name: string, bytes: number, written: number): string | undefined {
  const mib = (value: number) => Math.ceil(value / mebibyte);
  if (bytes > mostMemory) {
    return `${name} may ask for ${mib(mostMemory)} MiB of memory; this hash wants ${mib(bytes)} MiB.`;
  }
  if (written > mostWritten) {
    return `${name} may write ${mib(mostWritten)} MiB in all its passes; this hash wants ${mib(written)} MiB.`;
  }
  return undefined;
}
