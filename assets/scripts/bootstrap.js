// In place of the theme's copy of Bootstrap, 24 KB: the menus that need it are plain links here (templates/article-header-buttons.html).
