/** What the source says about itself, read with the parser that builds it: imports of every kind, and what it touches. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseAst } from 'vitest/node';

export interface Import {
  /** As written. */
  specifier: string;
  /** For one of our own files: its path from the root, like `src/store/db.ts`. */
  target?: string;
  /** The names taken; `*` for all of them. */
  names: string[];
  /** Those of them that are taken as values, not as types alone. */
  values: string[];
}

export interface SourceFile {
  path: string;
  lines: number;
  imports: Import[];
  /** Things reached without an import: `Date.now`, `new Date()`, `process.env`, `setTimeout()`, `"/proc"`, … */
  touches: string[];
}

/** Every TypeScript file under `root`/src. */
export function readHouse(root: string): SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join('src', name.replaceAll('\\', '/')))
    .filter((path) => /\.tsx?$/.test(path))
    .sort()
    .map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
}

export function readSource(path: string, text: string): SourceFile {
  const file: SourceFile = { path, lines: text.trimEnd().split('\n').length, imports: [], touches: [] };
  walk(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), file);
  return file;
}

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

function walk(node: unknown, file: SourceFile): void {
  if (Array.isArray(node)) {
    for (const each of node) walk(each, file);
  } else if (isTree(node)) {
    if (typeof node.type === 'string') readers[node.type]?.(node, file);
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'parent' && isTree(value)) walk(value, file);
    }
  }
}

type Reader = (node: Tree, file: SourceFile) => void;

const globals = ['process', 'Date', 'Math', 'performance', 'crypto'];
const called = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'Date',
  'fetch',
  'eval',
  'Function',
];

const readers: Record<string, Reader> = {
  ImportDeclaration: declared,
  ExportNamedDeclaration: declared,
  ExportAllDeclaration: declared,
  ImportExpression: (node, file) => add(file, textOf(node.source), ['*']),
  TSImportType: (node, file) => add(file, textOf(node.source ?? node.argument), ['*']),
  TSExternalModuleReference: (node, file) => add(file, textOf(node.expression), ['*']),
  CallExpression(node, file) {
    const name = nameOf(node.callee);
    if (name === 'require') add(file, textOf(first(node.arguments)), ['*']);
    if (name && called.includes(name)) file.touches.push(`${name}()`);
  },
  NewExpression(node, file) {
    const name = nameOf(node.callee);
    const argument = first(node.arguments);
    if (name === 'Date' && argument === undefined) file.touches.push('new Date()');
    if (name === 'Function') file.touches.push('Function()');
    // A worker's file is named by URL; that is an import too.
    const text = textOf(argument);
    if (name === 'URL' && text?.startsWith('.') && /\.(ts|tsx|js|mjs)$/.test(text)) add(file, text, ['*']);
  },
  MemberExpression(node, file) {
    const object = globalOf(node.object);
    const property = node.computed ? textOf(node.property) : nameOf(node.property);
    if (object && property) file.touches.push(`${object}.${property}`);
  },
  VariableDeclarator(node, file) {
    // const { env } = process
    const object = globalOf(node.init);
    if (!object) return;
    const pattern = isTree(node.id) ? node.id.properties : undefined;
    const keys = Array.isArray(pattern)
      ? pattern.map((each) => nameOf(isTree(each) ? each.key : each))
      : ['*'];
    for (const key of keys) file.touches.push(`${object}.${key ?? '*'}`);
  },
  Literal: (node, file) => kernelPath(node.value, file),
  TemplateElement: (node, file) => kernelPath(isTree(node.value) ? node.value.raw : undefined, file),
};

function declared(node: Tree, file: SourceFile): void {
  if (!node.source) return;
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isTree) : [];
  const taken = specifiers.map((each) => ({
    name: nameOf(each.imported ?? (each.type === 'ExportSpecifier' && each.local)) ?? '*',
    type: isType(node) || isType(each),
  }));
  if (taken.length === 0) taken.push({ name: '*', type: isType(node) });
  const values = taken.filter(({ type }) => !type).map(({ name }) => name);
  add(
    file,
    textOf(node.source),
    taken.map(({ name }) => name),
    values,
  );
}

const isType = (node: Tree) => node.importKind === 'type' || node.exportKind === 'type';

/** A specifier that is computed cannot be judged, so it is kept as one that no rule allows. */
function add(file: SourceFile, specifier: string | undefined, names: string[], values = names): void {
  if (specifier === undefined) file.imports.push({ specifier: '(computed)', names, values });
  else if (!specifier.startsWith('.')) file.imports.push({ specifier, names, values });
  else {
    const target = posix.join(posix.dirname(file.path), specifier);
    file.imports.push({ specifier, names, values, target });
  }
}

function kernelPath(value: unknown, file: SourceFile): void {
  const root = typeof value === 'string' && /^\/(proc|sys)(\/|$)/.exec(value);
  if (root) file.touches.push(`"/${root[1]}"`);
}

/** `process`, `globalThis.process`; not `order.process`, which is somebody's own. */
function globalOf(node: unknown): string | undefined {
  if (!isTree(node)) return undefined;
  if (node.type === 'MemberExpression' && !/^(globalThis|global)$/.test(nameOf(node.object) ?? ''))
    return undefined;
  const name = nameOf(node);
  return name && globals.includes(name) ? name : undefined;
}

/** An identifier's name, or the last one of a path like `globalThis.process`. */
function nameOf(node: unknown): string | undefined {
  if (!isTree(node)) return undefined;
  if (node.type === 'MemberExpression' || node.type === 'ChainExpression') {
    return nameOf(node.property ?? node.expression);
  }
  return typeof node.name === 'string' ? node.name : textOf(node);
}

function textOf(node: unknown): string | undefined {
  if (!isTree(node)) return undefined;
  if (node.type === 'TSLiteralType') return textOf(node.literal);
  return typeof node.value === 'string' ? node.value : undefined;
}

const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);
