/** SHELF: the languages that requests are recognised in. A new language is its file and its line here. */
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import { he } from './he.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { ko } from './ko.ts';
import type { Language } from './language.ts';
import { nl } from './nl.ts';
import { pt } from './pt.ts';
import { ru } from './ru.ts';
import { zh } from './zh.ts';

export { type Language, type Notion, notions } from './language.ts';

/** English first: its words are used in all the others. At most 31 (`reading/lexicon`, a bit each). */
export const languages: readonly Language[] = [en, pt, de, fr, es, it, nl, zh, ja, ko, ru, ar, he];
