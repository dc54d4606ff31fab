"""Looking at cubes on a local page: contours that follow sliders and menus, links that restore a view, static pages."""
