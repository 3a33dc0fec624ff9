/** A shell block of the tour and the output printed below it; none where the README shows none. */
export type Step = { readonly commands: string; readonly output: string | undefined };

const FENCE = /```(\w+)\n([\s\S]*?)```/g;

/** The part of a document under the heading `## <title>`. */
export const sectionOf = (markdown: string, title: string): string => {
  const start = markdown.indexOf(`\n## ${title}\n`);
  if (start < 0) throw new Error(`there is no section ${title}`);
  const end = markdown.indexOf('\n## ', start + 4);
  return markdown.slice(start, end < 0 ? undefined : end);
};

/** The bash blocks of a section, in order, each with the block of output that follows it. Blocks of other shells aren't run. */
export const stepsOf = (section: string): readonly Step[] => {
  const steps: Step[] = [];
  for (const [, language, text = ''] of section.matchAll(FENCE)) {
    const last = steps.at(-1);
    if (language === 'bash') steps.push({ commands: text, output: undefined });
    else if ((language === 'json' || language === 'text') && last !== undefined) steps.splice(-1, 1, { ...last, output: text });
  }
  return steps;
};

const ID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|(?<![\w-])[\w-]{43}(?![\w-])/g;
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '<instant>'],
  [/"position": "\d+"/g, '"position": "<position>"'],
  [/"keyId": "[^"]+"/g, '"keyId": "<key>"'],
  [/"(waitingOffline|connecting|handling)": [\d.]+/g, '"$1": <seconds>'],
];

/**
 * Makes outputs of two runs comparable: instants, positions and measured times become placeholders, and ids become numbers in order of
 * appearance, so that what names the same thing in one run has to name the same thing in the other.
 */
export const masker = (): ((output: string) => string) => {
  const seen = new Map<string, number>();
  const numbered = (id: string): string => {
    const number = seen.get(id) ?? seen.size + 1;
    seen.set(id, number);
    return `<id ${number}>`;
  };
  return (output) => MASKS.reduce((text, [pattern, mask]) => text.replace(pattern, mask), output.replace(ID, numbered)).trim();
};

/** The document with every step's output replaced by the ones given. */
export const withOutputs = (markdown: string, title: string, outputs: readonly string[]): string => {
  const section = sectionOf(markdown, title);
  let step = -1;
  const renewed = section.replace(FENCE, (block: string, language: string) => {
    if (language === 'bash') step++;
    return language === 'json' || language === 'text' ? `\`\`\`${language}\n${outputs[step]?.trim()}\n\`\`\`` : block;
  });
  return markdown.replace(section, () => renewed);
};
