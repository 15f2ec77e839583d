import ts from "typescript";
import { textOf } from "./repository.ts";

/** One place where a module names another. */
export interface Import {
  readonly specifier: string;
  /** Nothing is loaded for it at run time. */
  readonly typesOnly: boolean;
}

export const importsOf = (path: string): readonly Import[] => importsIn(textOf(path), path);

/**
 * Finds the imports of a module by the compiler's own parser: `import`, `export … from`, `import("…")` and the
 * type `import("…").T`. What an expression puts together at run time cannot be seen.
 */
export function importsIn(text: string, path = "module.ts"): readonly Import[] {
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const found = importAt(node);
    if (found !== undefined) imports.push(found);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
  return imports;
}

/** `import { type T } from "…"` loads its module all the same under `verbatimModuleSyntax`; only `import type` does not. */
function importAt(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) return importOf(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  if (ts.isExportDeclaration(node)) return importOf(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return importOf(node.argument.literal, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return importOf(node.arguments[0], false);
  return undefined;
}

const importOf = (specifier: ts.Node | undefined, typesOnly: boolean): Import | undefined =>
  specifier !== undefined && ts.isStringLiteralLike(specifier) ? { specifier: specifier.text, typesOnly } : undefined;
