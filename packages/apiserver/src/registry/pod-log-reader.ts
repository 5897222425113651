/** What a pod's node has kept of a container's output, whole lines, oldest first. Throws StatusError. */
export type PodLogReader = (node: string, namespace: string, pod: string) => Promise<string>;
