export default { "GET /home": null };
