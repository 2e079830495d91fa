// Requests the data of the first view before the main script is loaded; early-response.ts uses the response.
(() => {
  const path = { '': 'overview', '#/': 'overview', '#/images': 'images?limit=100' }[window.location.hash];
  if (path === undefined) return;
  const token = window.sessionStorage.getItem('clair-token');
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = fetch(`v2/${path}`, { headers });
  // The main script reports the error.
  response.catch(() => undefined);
  window.clairEarly = { path, token, response };
})();
