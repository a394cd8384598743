// The code of a mailed link stands behind its "#", which browsers keep to themselves: it goes into the form, and out of the address.
const field = document.querySelector("input[name=token]");
const code = new URLSearchParams(location.hash.slice(1)).get("token");
if (field && code) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
}
