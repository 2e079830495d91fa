import { expect, it } from 'vitest';
import { splitFileName } from './file-name.ts';

it.each([
  ['guava-33.4.6-jre.jar', 'guava', '33.4.6-jre'],
  ['commons-lang3-3.20.0.jar', 'commons-lang3', '3.20.0'],
  ['log4j-1.2-api-2.19.0.jar', 'log4j-1.2-api', '2.19.0'],
  ['log4j-1.2-1.2.17.jar', 'log4j-1.2', '1.2.17'],
  ['jboss-eap-6.0.23.SP1-redhat-00001.jar', 'jboss-eap', '6.0.23.SP1-redhat-00001'],
  ['app-1.0-20240101.123456-1.jar', 'app', '1.0-20240101.123456-1'],
  ['netty-transport-native-epoll-4.1.100.Final-linux-x86_64.jar', 'netty-transport-native-epoll', '4.1.100.Final'],
  ['jcommander-1.82-all.jar', 'jcommander', '1.82'],
  ['spring-core-6.0.0-RC1.jar', 'spring-core', '6.0.0-RC1'],
  ['hive-exec-3.1.3-amzn-5.jar', 'hive-exec', '3.1.3-amzn-5'],
  [
    'listenablefuture-9999.0-empty-to-avoid-conflict-with-guava.jar',
    'listenablefuture',
    '9999.0-empty-to-avoid-conflict-with-guava',
  ],
  ['spring3-core-3.x.jar', 'spring3-core', undefined],
  ['catalina.jar', 'catalina', undefined],
  ['3-way.jar', '3-way', undefined],
  ['noname', '', undefined],
])('the name %s has artifact %j and version %j', (name, artifact, version) => {
  expect(splitFileName(name)).toEqual({ artifact, ...(version !== undefined && { version }) });
});
