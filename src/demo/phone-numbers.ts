const AREAS = [
  201, 202, 203, 206, 207, 208, 212, 213, 214, 215, 216, 217, 301, 302, 303, 304, 305, 307, 312, 313, 314, 315, 316, 317, 401, 402, 404,
  405, 406, 408, 412, 413, 414, 415, 503, 504, 505, 508, 512, 513, 515, 516, 517, 518, 601, 602, 603, 605, 606, 607, 608, 609, 612, 614,
  615, 617, 701, 702, 703, 704, 713, 714, 715, 716, 717, 718, 801, 802, 803, 804, 805, 806, 808, 812, 813, 814, 816, 817, 818, 901, 904,
  906, 907, 908, 912, 913, 914, 915, 916, 918, 919,
];

/** The `n`th of a pool of lines in every area, each once before any comes again: primes that don't divide a pool's size visit it all. */
const nth = (n: number, seed: number, firstLine: number, lines: number): string => {
  const size = AREAS.length * lines;
  const place = Number((BigInt(seed) * 7_919n + BigInt(n) * 104_729n) % BigInt(size));
  return `+1${AREAS[Math.floor(place / lines)]}555${String(firstLine + (place % lines)).padStart(4, '0')}`;
};

/** How many numbers each pool has before they come again. */
export const reservedNumbers = AREAS.length * 100;
export const otherNumbers = AREAS.length * 5_000;

/** The `n`th (0, 1, …) number of 555-0100 to 555-0199, which are reserved for fiction: customers who answer at the first attempt. */
export const reservedNumber = (n: number, seed: number): string => nth(n, seed, 100, 100);

/** The `n`th number of 555-5000 to 555-9999: valid in form and held by nobody. These customers answer, or don't, by the answer rates. */
export const otherNumber = (n: number, seed: number): string => nth(n, seed, 5_000, 5_000);
