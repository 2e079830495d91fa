/**
 * Removes a setting for HTTPS from the environment of this process and of the processes that it starts. Node 20 reads
 * these certificates at each start, which takes longer than the rest of the start.
 */
export function ignoreExtraCertificates(environment: NodeJS.ProcessEnv): void {
  delete environment['NODE_EXTRA_CA_CERTS'];
}
