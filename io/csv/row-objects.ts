/** Makes objects of rows, one field for each column. */
export type RowObject = (row: readonly string[]) => Record<string, string>;

/** What makes the objects of these columns. */
export function rowObjects(columns: readonly string[]): RowObject {
  // Assigned, `__proto__` would be the prototype instead of a field.
  return columns.includes("__proto__") ? (row) => Object.fromEntries(columns.map((column, i) => [column, row[i]!])) : assigned(columns);
}

function assigned(columns: readonly string[]): RowObject {
  return (row) => {
    const object: Record<string, string> = {};
    for (let i = 0; i < columns.length; i++) object[columns[i]!] = row[i]!;
    return object;
  };
}
