// A tree of files and directories in memory, for the model test: the source and the target are one each.

import type { BytePath } from '../../src/byte-path.ts';

export interface FileNode {
  readonly type: 'file';
  content: number;
  attributes: number;
}

export interface DirectoryNode {
  readonly type: 'directory';
  readonly children: Map<string, TreeNode>;
  attributes: number;
}

export type TreeNode = FileNode | DirectoryNode;

export function createDirectory(): DirectoryNode {
  return { type: 'directory', children: new Map(), attributes: 0 };
}

export function createFile(content: number): FileNode {
  return { type: 'file', content, attributes: 0 };
}

export function elementsOf(path: BytePath): string[] {
  return path.split('/').filter((element) => element !== '');
}

export function lookup(root: DirectoryNode, path: BytePath): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const element of elementsOf(path)) {
    node = node?.type === 'directory' ? node.children.get(element) : undefined;
  }
  return node;
}

export function parentDirectory(root: DirectoryNode, path: BytePath): DirectoryNode | undefined {
  const node = lookup(root, elementsOf(path).slice(0, -1).join('/'));
  return node?.type === 'directory' ? node : undefined;
}

export function lastElement(path: BytePath): string {
  return elementsOf(path).at(-1) ?? '';
}

/** `/a/d/` for a directory, `/a/f` for a file. */
export function writtenAs(path: BytePath, node: TreeNode): BytePath {
  const bare = `/${elementsOf(path).join('/')}`;
  return node.type === 'directory' && bare !== '/' ? `${bare}/` : bare;
}

/** Everything below a directory with its path, parents first. */
export function* below(directory: DirectoryNode, path: BytePath): Generator<readonly [BytePath, TreeNode]> {
  for (const [name, node] of directory.children) {
    const childPath = writtenAs(`${path}/${name}`, node);
    yield [childPath, node];
    if (node.type === 'directory') yield* below(node, childPath);
  }
}

export function copyOf(node: TreeNode): TreeNode {
  if (node.type === 'file') return { ...node };
  const children = [...node.children].map(([name, child]) => [name, copyOf(child)] as const);
  return { ...node, children: new Map(children) };
}

/** One line a path, sorted; for comparison and for reading. */
export function print(root: DirectoryNode): string[] {
  const lines = [...below(root, '/')].map(([path, node]) =>
    node.type === 'file' ? `${path} =${node.content} @${node.attributes}` : `${path} @${node.attributes}`,
  );
  return lines.toSorted();
}
