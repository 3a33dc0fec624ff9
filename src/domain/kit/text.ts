const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

/** A text of one line: no control characters, nothing that isn’t well-formed Unicode. */
export const LINE = /^[^\p{Cc}\p{Cs}]*$/u;
/** Whether a text is one line. */
export const isLine = (text: string): boolean => LINE.test(text);

/**
 * What keeps a text from being the name of something new, in words that follow "it"; undefined where it may be one. What can't be seen, or
 * turns the direction of what stands beside it, is refused: two names that look alike to a reader must not differ in it. Names that are there
 * already stay as they are.
 */
export const nameProblem = (name: string): string | undefined => {
  if (UNSEEN.test(name)) return 'must not contain control characters, invisible ones, or ones that change the direction of text';
  if (name.trim() === '') return 'must have a character that can be seen';
  if (name.trim() !== name) return 'must not begin or end with a space';
  return name === '.' || name === '..' ? 'must not be a dot or two, which no address can hold' : undefined;
};
